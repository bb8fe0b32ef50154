/** Engine ONEDNN. */
module dev.octet.onednn {
  requires dev.octet;
}
