import{a}from"./chunk.FQLBQ2H7.js";import"./chunk.J2KO5A4L.js";import"./chunk.Q6WGJW55.js";import"./chunk.32SYK4E3.js";import"./chunk.JMVDVDO4.js";import"./chunk.SO7B44UJ.js";export{a as report};
