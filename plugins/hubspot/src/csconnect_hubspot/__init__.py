"""HubSpot for csconnect: reads companies, deals, tickets and engagements; writes scores, renewals and tasks."""
