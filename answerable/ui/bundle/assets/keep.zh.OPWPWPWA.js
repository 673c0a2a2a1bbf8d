import{a as m}from"./chunk.TB6OXSYA.js";import{a as o}from"./chunk.CJMLDMQA.js";import{a as r}from"./chunk.32SYK4E3.js";import"./chunk.JMVDVDO4.js";import"./chunk.SO7B44UJ.js";r("zh",o);m();
