// Package wrap holds things.
package wrap

// Box holds one.
type Box[T any] struct{ it T }

// Get takes it out.
func (b Box[U]) Get() U { return b.it }
