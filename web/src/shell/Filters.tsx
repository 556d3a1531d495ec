import type { ReactNode } from 'react'
import { replaceParameters } from './route'

/** The row of fields above a view; what is typed there stands in the address of the page, so that it can be kept and handed on. */
export function Filters({ children }: { children: ReactNode }) {
  return (
    <form className="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      {children}
    </form>
  )
}

interface FieldProps {
  label: string
  /** Of the address of the page. */
  parameter: string
  value: string
}

export function SearchField({ label, parameter, value, placeholder, list, wide }: FieldProps & { placeholder: string; list?: string; wide?: boolean }) {
  return (
    <label>
      {label}{' '}
      <input
        type="search"
        className={wide ? 'wide' : undefined}
        value={value}
        placeholder={placeholder}
        list={list}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => replaceParameters({ [parameter]: event.target.value })}
      />
    </label>
  )
}

/** Whole milliseconds. */
export function MillisecondsField({ label, parameter, value }: FieldProps) {
  return (
    <label>
      {label} <input className="short" inputMode="numeric" value={value} onChange={(event) => replaceParameters({ [parameter]: event.target.value.replace(/\D/g, '') })} /> ms
    </label>
  )
}

/** One of some values; empty stands for all of them. */
export function Choice({ label, parameter, value, options, all = 'all' }: FieldProps & { options: readonly (string | { value: string; text: string })[]; all?: string }) {
  return (
    <label>
      {label}{' '}
      <select value={value} onChange={(event) => replaceParameters({ [parameter]: event.target.value })}>
        <option value="">{all}</option>
        {options.map((option) => {
          const { value: of, text } = typeof option === 'string' ? { value: option, text: option } : option
          return (
            <option key={of} value={of}>
              {text}
            </option>
          )
        })}
      </select>
    </label>
  )
}

export function Switch({ label, parameter, value }: FieldProps) {
  return (
    <label>
      <input type="checkbox" checked={value === 'true'} onChange={(event) => replaceParameters({ [parameter]: event.target.checked ? 'true' : '' })} /> {label}
    </label>
  )
}
