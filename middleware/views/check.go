package views

import (
	"errors"
	"fmt"
	"html/template"
	"maps"
	"reflect"
	"text/template/parse"
)

// checkView walks a view, its layout and its partials, and looks up every field and
// method in the type that it is asked of, as far as that type is known.
func checkView[T any](s *set, name string, funcs template.FuncMap) error {
	p, err := s.page(name)
	if err != nil {
		return err
	}
	c := &checker{trees: p.trees, view: name, funcs: funcs, seen: map[checked]bool{}}
	c.template(p.root.Name(), reflect.TypeFor[T]())
	return errors.Join(c.faults...)
}

// A checker walks the templates of one view. A type that is not known is nil:
// nothing is said about it.
type checker struct {
	trees  map[string]*parse.Tree
	view   string
	funcs  template.FuncMap
	seen   map[checked]bool
	faults []error
}

// A checked is a template with the type of its dot: it is walked once.
type checked struct {
	name string
	dot  reflect.Type
}

// A place is where the walk is: in a template, with a dot and variables. The type
// of a variable is shared with the blocks inside, which may assign to it.
type place struct {
	tree *parse.Tree
	dot  reflect.Type
	vars map[string]*reflect.Type
}

func (c *checker) template(name string, dot reflect.Type) {
	tree := c.trees[name]
	if tree == nil || c.seen[checked{name, dot}] {
		return
	}
	c.seen[checked{name, dot}] = true
	c.list(place{tree, dot, map[string]*reflect.Type{"$": &dot}}, tree.Root)
}

func (c *checker) list(p place, list *parse.ListNode) {
	if list == nil {
		return
	}
	for _, n := range list.Nodes {
		c.node(p, n)
	}
}

func (c *checker) node(p place, n parse.Node) {
	switch n := n.(type) {
	case *parse.ActionNode:
		c.pipe(p, n.Pipe)
	case *parse.IfNode:
		p = p.inner()
		c.pipe(p, n.Pipe)
		c.list(p, n.List)
		c.list(p, n.ElseList)
	case *parse.WithNode:
		p = p.inner()
		with := p
		with.dot = c.pipe(p, n.Pipe)
		c.list(with, n.List)
		c.list(p, n.ElseList)
	case *parse.RangeNode:
		c.ranged(p.inner(), n)
	case *parse.TemplateNode:
		c.template(n.Name, c.pipe(p, n.Pipe))
	}
}

// inner returns the place within a block: variables that are declared there end
// with it.
func (p place) inner() place {
	p.vars = maps.Clone(p.vars)
	return p
}

func (c *checker) ranged(p place, n *parse.RangeNode) {
	key, elem := rangeTypes(c.command(p, n.Pipe))
	switch decl := n.Pipe.Decl; len(decl) {
	case 1:
		p.set(decl[0], elem, n.Pipe.IsAssign)
	case 2:
		p.set(decl[0], key, n.Pipe.IsAssign)
		p.set(decl[1], elem, n.Pipe.IsAssign)
	}
	inside := p
	inside.dot = elem
	// What the end of the body assigns to a variable is in it at the begin of the
	// next round. So the first walk only finds that out.
	faults, seen := len(c.faults), maps.Clone(c.seen)
	c.list(inside.inner(), n.List)
	c.faults, c.seen = c.faults[:faults], seen
	c.list(inside.inner(), n.List)
	c.list(p, n.ElseList)
}

// set notes the type of what is put into a variable, which is a new one unless it
// is assigned.
func (p place) set(v *parse.VariableNode, t reflect.Type, isAssigned bool) {
	switch known := p.vars[v.Ident[0]]; {
	case !isAssigned:
		p.vars[v.Ident[0]] = &t
	case known != nil && *known != t:
		*known = nil // one or the other
	}
}

// rangeTypes returns what a range over a value of the type yields.
func rangeTypes(t reflect.Type) (key, elem reflect.Type) {
	if t == nil {
		return nil, nil
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		return reflect.TypeFor[int](), t.Elem()
	case reflect.Map:
		return t.Key(), t.Elem()
	case reflect.Chan:
		return nil, t.Elem()
	}
	return nil, nil
}

// pipe returns the type of a pipeline, and declares its variables.
func (c *checker) pipe(p place, pipe *parse.PipeNode) reflect.Type {
	if pipe == nil {
		return nil
	}
	t := c.command(p, pipe)
	for _, v := range pipe.Decl {
		p.set(v, t, pipe.IsAssign)
	}
	return t
}

// command returns the type of the last command of a pipeline.
func (c *checker) command(p place, pipe *parse.PipeNode) (t reflect.Type) {
	for _, cmd := range pipe.Cmds {
		for i, arg := range cmd.Args {
			if argument := c.argument(p, arg); i == 0 {
				t = argument
			}
		}
	}
	return t
}

// argument returns the type of one operand.
func (c *checker) argument(p place, n parse.Node) reflect.Type {
	switch n := n.(type) {
	case *parse.DotNode:
		return p.dot
	case *parse.FieldNode:
		return c.fields(p, n, p.dot, n.Ident)
	case *parse.VariableNode:
		if t := p.vars[n.Ident[0]]; t != nil {
			return c.fields(p, n, *t, n.Ident[1:])
		}
		return nil
	case *parse.ChainNode:
		return c.fields(p, n, c.argument(p, n.Node), n.Field)
	case *parse.PipeNode:
		return c.pipe(p, n)
	case *parse.IdentifierNode:
		return resultOf(reflect.TypeOf(c.funcs[n.Ident]))
	}
	return nil
}

// fields looks up one name after the other.
func (c *checker) fields(p place, n parse.Node, t reflect.Type, names []string) reflect.Type {
	for _, name := range names {
		if t == nil {
			return nil
		}
		next, ok := member(t, name)
		if !ok {
			where, _ := p.tree.ErrorContext(n)
			fault := fmt.Errorf("template: %s: a %s has no field and no method %s", where, t, name)
			c.faults = append(c.faults, located(c.view, fault))
			return nil
		}
		t = next
	}
	return t
}

// member returns the type of a method's result, a field or an element, as
// text/template finds it. ok is false only if there is surely none.
func member(t reflect.Type, name string) (typ reflect.Type, ok bool) {
	pointer := t
	if t.Kind() != reflect.Pointer && t.Kind() != reflect.Interface {
		pointer = reflect.PointerTo(t)
	}
	if m, ok := pointer.MethodByName(name); ok {
		return resultOf(m.Type), true
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Struct:
		f, ok := t.FieldByName(name)
		return f.Type, ok && f.IsExported()
	case reflect.Map:
		return t.Elem(), t.Key().Kind() == reflect.String
	case reflect.Interface:
		return nil, true // whatever is in it may have one
	}
	return nil, false
}

// resultOf returns the type of what a function returns, if that is known.
func resultOf(f reflect.Type) reflect.Type {
	if f == nil || f.Kind() != reflect.Func || f.NumOut() == 0 {
		return nil
	}
	return f.Out(0)
}
