"""Staff sign-in: work number and password, then a code or a security key; or a passkey alone."""
