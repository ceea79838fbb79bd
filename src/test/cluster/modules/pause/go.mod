module dev.unikernel/pause

go 1.26.0
