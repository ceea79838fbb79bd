package dev.unikernel.builder.kernel.nanos;

/** What bits 6 to 4 of a value's header say. */
enum ValueType {
  SYMBOL(0),
  TUPLE(1),
  VECTOR(2),
  INTEGER(3),
  STRING(4);

  final int code;

  ValueType(int code) {
    this.code = code;
  }

  static ValueType of(int code) throws TfsException {
    for (ValueType type : values()) {
      if (type.code == code) {
        return type;
      }
    }
    throw new TfsException("value of unknown type " + code);
  }
}
