# Heredocs: indentation, trim markers, escapes.
locals {
  heredocs_01 = <<EOT
a
b
EOT
  heredocs_02 = <<EOT
  a
    b
EOT
  heredocs_03 = <<EOT

EOT
  heredocs_04 = <<EOT
EOT
  heredocs_05 = <<EOT
a

 b

EOT
  heredocs_06 = <<-EOT
  a
    b
  c
EOT
  heredocs_07 = <<-EOT
    a
  b
EOT
  heredocs_08 = <<-EOT
  a

  b
EOT
  heredocs_09 = <<-EOT
  a
   
  b
EOT
  heredocs_10 = <<-EOT
  a
 
  b
EOT
  heredocs_11 = <<-EOT
	a
		b
EOT
  heredocs_12 = <<-EOT
	 a
  b
EOT
  heredocs_13 = <<-EOT
    a
    EOT
  heredocs_14 = <<-EOT
  a
EOT
  heredocs_15 = <<-EOT
a
  b
  EOT
  heredocs_16 = <<-EOT
  ${1}
    b
EOT
  heredocs_17 = <<-EOT
  x ${1} y
    ${2}
EOT
  heredocs_18 = <<-EOT
    ${1}
  ${2}
EOT
  heredocs_19 = <<-EOT
  %{ if true }
  yes
  %{ endif }

EOT
  heredocs_20 = <<-EOT
  %{ if true ~}
  yes
  %{ endif ~}

EOT
  heredocs_21 = <<-EOT
    %{ for x in ["a", "b"] ~}
    item ${x}
    %{ endfor ~}
    end
EOT
  heredocs_22 = <<-EOT
    %{~ for x in ["a", "b"] }
    item ${x}
    %{~ endfor }
    end
EOT
  heredocs_23 = <<EOT
%{ for x in ["a", "b"] ~}
${x}
%{ endfor ~}
EOT
  heredocs_24 = <<EOT
%{ for x in ["a", "b"] }
${x}
%{ endfor }
EOT
  heredocs_25 = <<EOT
%{ if false }
a
%{ else }
b
%{ endif }
EOT
  heredocs_26 = <<EOT
%{ if false ~}
a
%{ else ~}
b
%{ endif ~}
EOT
  heredocs_27 = <<EOT
  a ${~ 1 ~}  
   b
EOT
  heredocs_28 = <<EOT
a
${~ 1 ~}

  b
EOT
  heredocs_29 = <<EOT
a ~
${1}
EOT
  heredocs_30 = <<EOT
\n \t \" \u00e9 \
EOT
  heredocs_31 = <<EOT
$${x} %%{y} $x %y $$ %%
EOT
  heredocs_32 = <<EOT
${"a\n"}b
EOT
  heredocs_33 = <<EOT
"quoted" 'x'
EOT
  heredocs_34 = <<EOT
${upper("a")}
EOT
  heredocs_35 = <<EOT
${<<IN
x
IN
}y
EOT
  heredocs_36 = <<EOT
${[1,2][0]}
EOT
  heredocs_37 = <<EOT
${{a=1}.a}
EOT
  heredocs_38 = <<EOT
é é
EOT
  heredocs_39 = <<EOT
$${"}"}${"}"}
EOT
  heredocs_40 = <<-EOT
  {
    "a": ${jsonencode([1])}
  }
EOT
  heredocs_41 = <<-EOT
    ${"a"}
      b ${"c"}

EOT
  heredocs_42 = <<-EOT
  a\
    b
EOT
  heredocs_43 = <<EOT
${null == null ? "y" : "n"}
EOT
  heredocs_44 = upper(<<EOT
abc
EOT
)
  heredocs_45 = [<<A
a
A
, <<B
b
B
]
  heredocs_46 = {
 a = <<A
 x
A
 b = 1
}
  heredocs_47 = "${<<A
x
A
}"
  heredocs_48 = trimspace(<<-EOT
    a
    b
  EOT
)
  heredocs_49 = <<E_1
x
E_1
  heredocs_50 = <<_E
x
_E
  heredocs_51 = <<a-b
x
a-b
  heredocs_52 = <<EOT
a
 EOTX
 b
EOT
  heredocs_53 = <<EOT
a
 EOT x
EOT
  heredocs_54 = <<EOT
#no comment
// x
/* y */
EOT
  heredocs_55 = <<-EOT
   a
  ${1} b
    c
EOT
  heredocs_56 = <<-EOT
   ${1}
     c
  d
EOT
  heredocs_57 = <<-EOT
  %{ if true }a%{ endif }
    b
EOT
  heredocs_58 = <<-EOT


   a

EOT
  heredocs_59 = <<-EOT
  a  
  b	

EOT
  heredocs_60 = <<-EOT
      ${~ 1 ~}
    b
EOT
  heredocs_61 = <<-EOT
  a
${1}
  b
EOT
  heredocs_62 = <<-EOT
  a
  ${"x\ny"}

EOT
  heredocs_63 = <<-EOT
　a
　b
EOT
}
