//! Organisations: brands and agencies, the tenants.

pub mod graphql;
