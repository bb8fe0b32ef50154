/** A batch of texts on Octet's embedding models for langchain4j and on langchain4j's own classes. */
package dev.octet.bench.texts;
