// Command pause is the process of a pod's sandbox: it holds the pod's namespaces and does nothing else.
package main

func main() {
	select {}
}
