# What the expressions of the other files refer to.
variable "names" {
  type    = list(string)
  default = ["a", "b"]
}
variable "none" {
  type    = list(string)
  default = []
}
variable "text" {
  default = "text"
}
variable "number" {
  default = 1.50
}
variable "map" {
  type    = map(number)
  default = { y = 2, x = "1" }
}
variable "nothing" {
  default = null
}
variable "anything" {
  type    = any
  default = { a = { b = {} } }
}
variable "objects" {
  type = list(object({
    name = string
    tags = optional(map(string), { k = "default" })
  }))
  default = [{ name = "one", tags = { k = 1 } }, { name = 2 }]
}
variable "settings" {
  type = object({
    name  = string
    size  = optional(number, 3)
    flags = optional(object({ on = optional(bool, true), level = optional(string) }), {})
    list  = optional(list(string))
  })
  default = { name = "n", size = null, extra = "dropped" }
}
