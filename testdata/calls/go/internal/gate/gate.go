// Package gate knows what older servers lack.
package gate

import "github.com/blang/semver"

// Version is that of a server.
type Version = semver.Version

// CanReport says whether servers of a version take reports.
func CanReport(v semver.Version) bool {
	return v.Major > 1 || v.Minor >= 4
}

// Set is what a server says that it can do.
type Set map[string]bool

// Supports looks into it.
func (s Set) Supports(what string) bool { return s[what] }
