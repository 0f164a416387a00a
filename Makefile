.PHONY: format
format:
	swift format --in-place --recursive --parallel Package.swift Sources Tests pipelines
