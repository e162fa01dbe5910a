package hooks

import (
	"container/list"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"strings"

	"github.com/pocketbase/dbx"
	"modernc.org/sqlite"
)

// keptStatements is how many compiled statements a connection keeps. One takes
// some kilobytes outside the Go heap.
const keptStatements = 100

// openKeeping opens a database whose connections keep what they compiled.
//
// PocketBase and our rooms ask the same few dozen questions again and again,
// and SQLite compiles each of them anew: that was a quarter of all CPU time of
// a busy chat. A kept statement is compiled again by SQLite itself when the
// schema has changed.
func openKeeping(dsn string) (*dbx.DB, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return dbx.NewFromDB(sql.OpenDB(keepingConnector{c}), "sqlite"), nil
}

type keepingConnector struct{ driver.Connector }

func (k keepingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := k.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	full, ok := c.(fullConn)
	if !ok {
		return c, nil // a driver of another making works as it is
	}
	return &keepingConn{fullConn: full, kept: map[string]*list.Element{}}, nil
}

// fullConn is all that the driver's connection can do.
type fullConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// keepingConn is used by one goroutine at a time, which database/sql sees to.
type keepingConn struct {
	fullConn
	kept  map[string]*list.Element
	order list.List // of *keptStatement, the last used in front
}

type keptStatement struct {
	driver.Stmt
	query string
	busy  bool // its rows are being read
}

// repeatable tells whether a query is one that is asked again: reading and
// writing of rows. All else (schema, pragmas, vacuum) passes through.
func repeatable(query string) bool {
	word, _, _ := strings.Cut(strings.TrimLeft(query, " \t\r\n("), " ")
	switch strings.ToUpper(strings.TrimSpace(word)) {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH":
		return len(query) < 8<<10
	}
	return false
}

// take returns the compiled form of a query, or nil when it is in use already
// (a query inside the loop over its own rows) or is not worth keeping.
func (c *keepingConn) take(ctx context.Context, query string) (*keptStatement, error) {
	if e := c.kept[query]; e != nil {
		s := e.Value.(*keptStatement)
		if s.busy {
			return nil, nil
		}
		c.order.MoveToFront(e)
		s.busy = true
		return s, nil
	}
	if !repeatable(query) {
		return nil, nil
	}
	stmt, err := c.fullConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	_, queries := stmt.(driver.StmtQueryContext)
	_, execs := stmt.(driver.StmtExecContext)
	if !queries || !execs {
		return nil, stmt.Close()
	}
	s := &keptStatement{Stmt: stmt, query: query, busy: true}
	c.kept[query] = c.order.PushFront(s)
	for e := c.order.Back(); e != nil && c.order.Len() > keptStatements; {
		before := e.Prev()
		if old := e.Value.(*keptStatement); !old.busy {
			c.drop(old)
		}
		e = before
	}
	return s, nil
}

// drop forgets a statement, for good or because it ended with an error.
func (c *keepingConn) drop(s *keptStatement) {
	if e := c.kept[s.query]; e != nil {
		c.order.Remove(e)
		delete(c.kept, s.query)
		_ = s.Close() // repeats the error of its last step, which was told already
	}
}

func (c *keepingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.fullConn.ExecContext(ctx, query, args)
	}
	r, err := s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
	s.busy = false
	if err != nil {
		c.drop(s)
	}
	return r, err
}

func (c *keepingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.fullConn.QueryContext(ctx, query, args)
	}
	r, err := s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		s.busy = false
		c.drop(s)
		return nil, err
	}
	return &keptRows{typedRows: r.(typedRows), conn: c, statement: s}, nil
}

func (c *keepingConn) Close() error {
	for e := c.order.Front(); e != nil; e = c.order.Front() {
		c.drop(e.Value.(*keptStatement))
	}
	return c.fullConn.Close()
}

// typedRows is all that the driver's rows can do.
type typedRows interface {
	driver.Rows
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeLength
	driver.RowsColumnTypeNullable
	driver.RowsColumnTypePrecisionScale
	driver.RowsColumnTypeScanType
}

// keptRows give their statement back when they are closed.
type keptRows struct {
	typedRows
	conn      *keepingConn
	statement *keptStatement
	failed    bool
}

func (r *keptRows) Next(dest []driver.Value) error {
	err := r.typedRows.Next(dest)
	r.failed = r.failed || err != nil && !errors.Is(err, io.EOF)
	return err
}

func (r *keptRows) Close() error {
	err := r.typedRows.Close()
	if s := r.statement; s != nil {
		r.statement = nil
		s.busy = false
		if err != nil || r.failed {
			r.conn.drop(s)
		}
	}
	return err
}
