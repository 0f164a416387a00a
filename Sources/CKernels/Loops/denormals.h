/// Numbers below 1.2e-38 are a hundred times slower than others where the processor does them in microcode, and moments
/// of seldom seen words decay down to them. Between these calls such results, and operands, count as 0.
#if defined(__x86_64__)
LOOP uint32_t begin_flushing(void) {
  uint32_t mode = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(mode | 0x8040);
  return mode;
}
LOOP void end_flushing(uint32_t mode) { __builtin_ia32_ldmxcsr(mode); }
#else
LOOP uint32_t begin_flushing(void) { return 0; }
LOOP void end_flushing(uint32_t mode) { (void)mode; }
#endif
