"""Bar charts of a report: drawn once as plain shapes, painted as SVG or PNG."""
