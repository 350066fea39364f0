/* Handles that let go of what they hold when their scope ends: `CLEANUP(json_drop) json_t *body = …`. */
#ifndef SEKISHO_BASE_CLEANUP_H
#define SEKISHO_BASE_CLEANUP_H

#define CLEANUP(function) __attribute__((cleanup(function)))

/* Defines `static inline void name(type **handle)` that frees *handle when it is not NULL. */
#define CLEANUP_FUNCTION(name, type, free_function)                                                          \
  __attribute__((unused)) static inline void name(type **handle)                                             \
  {                                                                                                          \
    if (*handle != NULL)                                                                                     \
      free_function(*handle);                                                                                \
  }

#endif
