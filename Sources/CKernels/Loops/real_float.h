#define REAL float
#define BITS int32_t
#define LANES 16
#define IS_FLOAT 1
