/** A program of modules that uses Octet. */
module org.example.consumer {
  requires dev.octet.quantize; // and with it dev.octet
}
