/* e^x over the names of a vector__*.h, for x of -88 or above: 2^n * e^r with r within half of ln 2. The
   polynomial and the two parts of ln 2 are those of Cephes (S. Moshier, expf).

   Each step is done for all vectors before the next one: a vector alone is a chain of 15 steps that wait for
   each other, and a few chains one behind the other fill the schedulers. Softmax takes 0.75 (256 bits) and
   0.9 of the time so. */

#define OCTET_EVERY _Pragma("GCC unroll 8") for (int v = 0; v < vectors; v++)

INLINE void exponentials_of(const int vectors, reals *x) {
  reals t[8];
  reals r[8];
  reals p[8];
  /* The last bits of t are n. Of n = -127 the power is 0, of n = 128 infinity. */
  OCTET_EVERY {
    t[v] = multiply_add(x[v], all_reals(1.44269504f), all_reals(12582912.0f));
    end_step(&t[v]);
  }
  OCTET_EVERY {
    p[v] = subtract_reals(t[v], all_reals(12582912.0f));
    end_step(&p[v]);
  }
  OCTET_EVERY {
    r[v] = multiply_subtract(p[v], all_reals(0.693359375f), x[v]);
    end_step(&r[v]);
  }
  OCTET_EVERY {
    r[v] = multiply_add(p[v], all_reals(2.12194440e-4f), r[v]);
    end_step(&r[v]);
  }
  OCTET_EVERY {
    p[v] = multiply_add(all_reals(1.9875691500e-4f), r[v], all_reals(1.3981999507e-3f));
    end_step(&p[v]);
  }
  OCTET_EVERY {
    p[v] = multiply_add(p[v], r[v], all_reals(8.3334519073e-3f));
    end_step(&p[v]);
  }
  OCTET_EVERY {
    p[v] = multiply_add(p[v], r[v], all_reals(4.1665795894e-2f));
    end_step(&p[v]);
  }
  OCTET_EVERY {
    p[v] = multiply_add(p[v], r[v], all_reals(1.6666665459e-1f));
    end_step(&p[v]);
  }
  OCTET_EVERY {
    p[v] = multiply_add(p[v], r[v], all_reals(5.0000001201e-1f));
    end_step(&p[v]);
  }
  OCTET_EVERY {
    p[v] = multiply_add(p[v], multiply(r[v], r[v]), r[v]);
    end_step(&p[v]);
  }
  OCTET_EVERY {
    x[v] = multiply(add_reals(p[v], all_reals(1)), power_of_2(t[v]));
    end_step(&x[v]);
  }
}

#undef OCTET_EVERY

INLINE reals exponential(reals x) {
  exponentials_of(1, &x);
  return x;
}
