//go:build !linux

package scheduler

import "errors"

// Descriptors is none: there are no pollers.
const Descriptors = 0

// New fails: there is no scheduler on this system.
func New(int, func(string)) (*Scheduler, error) { return nil, errors.ErrUnsupported }

// A Scheduler can't be made on this system.
type Scheduler struct{}

// Close does nothing.
func (s *Scheduler) Close() {}
