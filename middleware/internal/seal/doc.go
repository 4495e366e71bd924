// Package seal makes texts of messages that a client keeps and hands back, so
// that nobody but the holder of a secret can make or change one, and, if they
// are encrypted, read one. Secrets can be rotated: the first one seals, all of
// them open.
//
// A text begins with its version, which says how it was made, and is of
// characters that a cookie and a query may hold. Whoever seals names a purpose,
// which goes into the keys, and a context, which is bound to the message: a text
// opens only where both are the same.
//
// It knows nothing of time: put a date into the message.
package seal
