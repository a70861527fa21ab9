"""A local server that speaks the Salesforce and HubSpot HTTP APIs over one store of records."""
