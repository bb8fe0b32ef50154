/**
 * What was measured: rows of results.csv, the limits that they are held against, and the table for a person.
 */
package dev.octet.harness.report;
