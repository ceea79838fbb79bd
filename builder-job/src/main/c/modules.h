#ifndef MODULES_H
#define MODULES_H

/* Loads every module in the directory in the order of the file names, and removes the files. */
void load_modules(const char *directory);

#endif
