"""Pages of one's own jobs and files (tasks), and of workbooks on their way (imports)."""
