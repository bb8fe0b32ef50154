/** JVMs of their own, and what they tell of their measurements. */
package dev.octet.bench.child;
