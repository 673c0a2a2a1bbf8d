import{a as r}from"./chunk.KQKVUOGU.js";import{a as m}from"./chunk.CJMLDMQA.js";import{a as o}from"./chunk.32SYK4E3.js";import"./chunk.JMVDVDO4.js";import"./chunk.SO7B44UJ.js";o("zh",m);r();
