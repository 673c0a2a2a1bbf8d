"""People from an identity service by SCIM 2.0 (RFC 7643, RFC 7644): who is there, never what they may do.

A client of this interface can't give a role or a handler's key: groups here are lists of people and nothing else.
"""
