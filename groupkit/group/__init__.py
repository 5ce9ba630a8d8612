"""The door: networks, clusters, groups, the When API, and the pump that joins virtual time to the event loop."""
