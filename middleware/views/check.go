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
	c.template(p.root.Name(), operand{typ: reflect.TypeFor[T]()})
	return errors.Join(c.faults...)
}

// A checker walks the templates of one view.
type checker struct {
	trees  map[string]*parse.Tree
	view   string
	funcs  template.FuncMap
	seen   map[checked]bool
	faults []error
}

// An operand is what is known of a value.
type operand struct {
	// typ is its type. If nil, it is not known, and nothing is said about it.
	typ reflect.Type
	// addressable says that the methods of a pointer to it can be called, too: it is
	// an element of a slice, or part of what a pointer leads to.
	addressable bool
}

// A checked is a template with its dot: it is walked once.
type checked struct {
	name string
	dot  operand
}

// A place is where the walk is: in a template, with a dot and variables. What is
// known of a variable is shared with the blocks inside, which may assign to it.
type place struct {
	tree *parse.Tree
	dot  operand
	vars map[string]*operand
}

func (c *checker) template(name string, dot operand) {
	tree := c.trees[name]
	if tree == nil || c.seen[checked{name, dot}] {
		return
	}
	c.seen[checked{name, dot}] = true
	c.list(place{tree, dot, map[string]*operand{"$": &dot}}, tree.Root)
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

// set notes what is put into a variable, which is a new one unless it is assigned.
func (p place) set(v *parse.VariableNode, o operand, isAssigned bool) {
	switch known := p.vars[v.Ident[0]]; {
	case !isAssigned:
		p.vars[v.Ident[0]] = &o
	case known != nil && *known != o:
		*known = operand{} // one or the other
	}
}

// rangeTypes returns what a range over o yields.
func rangeTypes(o operand) (key, elem operand) {
	if o.typ == nil {
		return operand{}, operand{}
	}
	o = o.target()
	switch o.typ.Kind() {
	case reflect.Slice:
		return operand{typ: reflect.TypeFor[int]()}, operand{o.typ.Elem(), true}
	case reflect.Array:
		return operand{typ: reflect.TypeFor[int]()}, operand{o.typ.Elem(), o.addressable}
	case reflect.Map:
		return operand{typ: o.typ.Key()}, operand{typ: o.typ.Elem()}
	case reflect.Chan:
		return operand{}, operand{typ: o.typ.Elem()}
	}
	return operand{}, operand{}
}

// target returns what a pointer leads to, or o itself.
func (o operand) target() operand {
	for o.typ.Kind() == reflect.Pointer {
		o = operand{o.typ.Elem(), true}
	}
	return o
}

// pipe returns what a pipeline leads to, and declares its variables.
func (c *checker) pipe(p place, pipe *parse.PipeNode) operand {
	if pipe == nil {
		return operand{}
	}
	o := c.command(p, pipe)
	for _, v := range pipe.Decl {
		p.set(v, o, pipe.IsAssign)
	}
	return o
}

// command returns the result of the last command of a pipeline.
func (c *checker) command(p place, pipe *parse.PipeNode) (o operand) {
	for _, cmd := range pipe.Cmds {
		for i, arg := range cmd.Args {
			if argument := c.argument(p, arg); i == 0 {
				o = argument
			}
		}
	}
	return o
}

func (c *checker) argument(p place, n parse.Node) operand {
	switch n := n.(type) {
	case *parse.DotNode:
		return p.dot
	case *parse.FieldNode:
		return c.fields(p, n, p.dot, n.Ident)
	case *parse.VariableNode:
		if o := p.vars[n.Ident[0]]; o != nil {
			return c.fields(p, n, *o, n.Ident[1:])
		}
	case *parse.ChainNode:
		return c.fields(p, n, c.argument(p, n.Node), n.Field)
	case *parse.PipeNode:
		return c.pipe(p, n)
	case *parse.IdentifierNode:
		return resultOf(reflect.TypeOf(c.funcs[n.Ident]))
	}
	return operand{}
}

// fields looks up one name after the other.
func (c *checker) fields(p place, n parse.Node, o operand, names []string) operand {
	for _, name := range names {
		if o.typ == nil {
			return o
		}
		next, ok := o.member(name)
		if !ok {
			where, _ := p.tree.ErrorContext(n)
			fault := fmt.Errorf("template: %s: a %s has no field and no method %s", where, o.typ, name)
			if _, ok := reflect.PointerTo(o.typ).MethodByName(name); ok {
				fault = fmt.Errorf("%w: only a pointer to it has one, and this value has no address", fault)
			}
			c.faults = append(c.faults, located(c.view, fault))
			return operand{}
		}
		o = next
	}
	return o
}

// member returns a method's result, a field or an element, as text/template finds
// it. ok is false only if there is surely none.
func (o operand) member(name string) (found operand, ok bool) {
	o = o.target()
	methods := o.typ
	if o.addressable && o.typ.Kind() != reflect.Interface {
		methods = reflect.PointerTo(o.typ)
	}
	if m, ok := methods.MethodByName(name); ok {
		return resultOf(m.Type), true
	}
	switch o.typ.Kind() {
	case reflect.Struct:
		f, ok := o.typ.FieldByName(name)
		if !ok || !f.IsExported() {
			return operand{}, false
		}
		for _, i := range f.Index {
			o = o.target()
			o.typ = o.typ.Field(i).Type
		}
		return o, true
	case reflect.Map:
		return operand{typ: o.typ.Elem()}, o.typ.Key().Kind() == reflect.String
	case reflect.Interface:
		return operand{}, true // whatever is in it may have one
	}
	return operand{}, false
}

// resultOf returns what is known of what a function returns.
func resultOf(f reflect.Type) operand {
	if f == nil || f.Kind() != reflect.Func || f.NumOut() == 0 {
		return operand{}
	}
	return operand{typ: f.Out(0)}
}
