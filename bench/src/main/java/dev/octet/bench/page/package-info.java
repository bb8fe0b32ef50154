/** The report of {@code ci/bench all}: one HTML file with plots and with the same figures as tables. */
package dev.octet.bench.page;
