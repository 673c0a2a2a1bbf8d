var t=class extends Error{constructor(e){super(e),this.name="FileError",this.code=e,Object.setPrototypeOf(this,new.target.prototype)}};export{t as a};
