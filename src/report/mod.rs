//! One file per format, each fed the same finished report. Nothing here filters, sorts, counts or
//! decides: if two formats could disagree, what they disagree on belongs in the report.

pub mod changes;
pub mod human;
pub mod json;
pub mod normal_form;
