"""Who an identity provider says somebody is, by OpenID Connect: ProConnect, or any other."""
