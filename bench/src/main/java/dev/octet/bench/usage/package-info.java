/** What a wrong command line of a benchmark is answered with. */
package dev.octet.bench.usage;
