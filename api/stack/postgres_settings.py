"""PostgreSQL's settings for this machine: quick where it is free, durable always."""

import os
from pathlib import Path
from typing import Final

MB: Final = 1 << 20
CONTAINER_LIMITS: Final = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)

DURABLE: Final = {
    # An acknowledged order must survive a crash; given on the command line, no file undoes them.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
}
STEADY: Final = {
    "max_connections": "200",
    "random_page_cost": "1.1",  # solid-state disks
    # Fewer checkpoints: after each, every page that is touched again is written whole to the log.
    "checkpoint_timeout": "15min",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_checkpoints": "off",
    "cluster_name": "tributary",
}


def tuned(memory_b: int) -> dict[str, str]:
    """Settings for a machine with this much memory, which the rest of the stack shares."""
    shared_mb = min(max(memory_b // 4 // MB, 64), 1024)
    return {
        **DURABLE,
        **STEADY,
        "shared_buffers": f"{shared_mb}MB",
        "effective_cache_size": f"{max(memory_b // 2 // MB, 128)}MB",
        "maintenance_work_mem": f"{min(max(memory_b // 32 // MB, 32), 256)}MB",
        "work_mem": f"{min(max(memory_b // 512 // MB, 4), 16)}MB",
    }


def machine_memory_b() -> int:
    """The memory this process may use: the machine's, or its container's if that is less."""
    texts = [file.read_text().strip() for file in CONTAINER_LIMITS if file.exists()]
    limits = [int(text) for text in texts if text.isdigit()]  # "max" is none
    return min([os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), *limits])
