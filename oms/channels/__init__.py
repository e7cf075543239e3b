"""Sales channels: messages in, orders mapped, writebacks out; one package per channel."""
