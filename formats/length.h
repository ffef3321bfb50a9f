/* length: how many elements an array has; not for a pointer, which has none. */
#ifndef FORMATS_LENGTH_H
#define FORMATS_LENGTH_H

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#endif
