"""The Salesforce connector: reads by SOQL, writes by sObject collections, provisions by the Tooling API."""
