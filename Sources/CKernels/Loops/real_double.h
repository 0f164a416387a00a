#define REAL double
#define BITS int64_t
#define LANES 8
#define IS_FLOAT 0
