package raxx

import "errors"

// Complete is the middleware that reads the body of a request before its handler is
// called, so that the handler finds [Data] or nil, and the trailer in
// [Request.Trailer]. A body of more than limit bytes is answered with 413, one that
// does not arrive whole with 400, or with the status of the [*Error] that the
// server gives for it: 408 from package ace if the client stopped sending. For
// limit see [ReadAll]. A router puts Complete around its routes.
func Complete(limit int64) Middleware {
	most := limitOr(limit, DefaultBodyLimit)
	return func(next Handler) Handler {
		return func(req Request) Response {
			if data, _ := req.Body.(Data); req.Body == nil || data != "" && int64(len(data)) <= most {
				return next(req)
			}
			req, err := req.complete(limit)
			if err != nil {
				return errorResponse(err)
			}
			return next(req)
		}
	}
}

// complete returns the request with its body as Data.
func (r Request) complete(limit int64) (Request, error) {
	data, err := readBody(r.Body, limit)
	if err != nil {
		return r, err
	}
	if s, ok := r.Body.(Stream); ok {
		r.Trailer = s.Trailer()
	}
	r.Body = bodyOf(data)
	return r, nil
}

// readBody is [ReadAll] for the body of a request: its error is always an
// [*Error], of status 400 where the body names none, since then it did not
// arrive whole.
func readBody(b Body, limit int64) (Data, error) {
	data, err := ReadAll(b, limit)
	var fault *Error
	if err == nil || errors.As(err, &fault) {
		return data, err
	}
	return "", &Error{Status: StatusBadRequest, Detail: "the body did not arrive whole", Err: err}
}
