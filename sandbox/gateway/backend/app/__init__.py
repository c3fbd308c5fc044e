"""The backend of RelayPACS Gateway."""
