"""Everything as one sealed file: backups, restoring, moving to PostgreSQL, moving an organisation to another server.

The format, and what goes in and what stays out, is docs/decisions/0021-archive.md. Commands: `answerable backup`, `restore`,
`move`, `organisation`.
"""
