# Logic.
locals {
  logic_01 = true && false
  logic_02 = true && true
  logic_03 = true || false
  logic_04 = false || false
  logic_05 = !true
  logic_06 = !"false"
  logic_07 = !"0"
  logic_08 = !!true
  logic_09 = "true" && true
  logic_10 = "1" && "true"
  logic_11 = "0" || "1"
  logic_12 = true && !false
  logic_13 = true || false && false
  logic_14 = (true || false) && false
  logic_15 = 1 == 1 && 2 == 2
  logic_16 = null == null || false
  logic_17 = !(true && false)
}
