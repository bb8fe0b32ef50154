package dev.octet.onednn;

/** A oneDNN function returned another status than success: its name, status and arguments. */
final class DnnlException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** dnnl_status_t by value. */
  private static final String[] STATUS = {"dnnl_success", "dnnl_out_of_memory", "dnnl_invalid_arguments",
      "dnnl_unimplemented", "dnnl_last_impl_reached", "dnnl_runtime_error", "dnnl_not_required"};

  private static final int UNIMPLEMENTED = 3;

  private final int status;

  DnnlException(int status, String function, String arguments) {
    super(function + "(" + arguments + "): "
        + (status >= 0 && status < STATUS.length ? STATUS[status] : "dnnl_status_t " + status));
    this.status = status;
  }

  /** Whether oneDNN has no implementation of what was asked for. */
  boolean isUnimplemented() {
    return status == UNIMPLEMENTED;
  }

  /**
   * What a prepare() throws: that it is not offered, where oneDNN has no implementation at all, else this.
   *
   * @param op what was to be prepared
   */
  RuntimeException orUnsupported(String op) {
    return isUnimplemented() ? new UnsupportedOperationException(op + ": " + getMessage(), this) : this;
  }
}
