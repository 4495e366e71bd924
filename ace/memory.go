package ace

import (
	"io"
	"io/fs"
	"net"
	"runtime"
	"sync"
	"time"

	"github.com/raxx-go/raxx/ace/internal/memnet"
	"github.com/raxx-go/raxx/ace/internal/scheduler"
	"github.com/raxx-go/raxx/ace/internal/wheel"
)
