(()=>{
const d=document,one=s=>d.querySelector(s),on=(t,f)=>d.addEventListener(t,f);
const say=(b,k)=>{const o=d.getElementById(b.dataset.say);if(o)o.textContent=b.dataset[k]};
on('click',e=>{
const a=e.target.closest('[data-dialog]'),c=e.target.closest('[data-copy]'),x=e.target.closest('[data-close]');
if(a&&!e.ctrlKey&&!e.metaKey&&!e.shiftKey){const g=d.getElementById(a.dataset.dialog);if(g&&g.showModal){e.preventDefault();g.showModal()}}
if(x){const g=x.closest('dialog');if(g){e.preventDefault();g.close()}}
if(c){const s=d.getElementById(c.dataset.copy);
navigator.clipboard.writeText(s.textContent).then(()=>{safe=1;say(c,'done')},()=>{getSelection().selectAllChildren(s);say(c,'fail')})}
});
let safe=0;
const s=one('[data-secret]');
if(s){const g=s.closest('dialog');
if(g.showModal){g.removeAttribute('open');g.showModal();g.addEventListener('cancel',e=>e.preventDefault())}
history.replaceState(null,'',g.dataset.then);
on('submit',()=>safe=1);
addEventListener('beforeunload',e=>{if(!safe)e.preventDefault()});
addEventListener('pagehide',()=>{for(const n of d.querySelectorAll('[data-wipe]'))n.textContent=''})}
for(const b of d.querySelectorAll('[data-js]'))b.hidden=false;
on('change',e=>{const p=d.getElementById(e.target.dataset.shows);if(p)p.type=e.target.checked?'text':'password'});
on('submit',e=>{const f=e.target,b=e.submitter;
if(f.method!='post')return;
if(f.dataset.sent)return e.preventDefault();
f.dataset.sent=1;
if(b){b.setAttribute('aria-disabled','true');if(b.dataset.busy)b.textContent=b.dataset.busy}});
addEventListener('pageshow',e=>{if(e.persisted)location.reload()});
const t=one('[data-count]');
if(t){const o=d.getElementById(t.dataset.count),g=new Set(t.dataset.gsm),x=new Set('\f^{}\\[~]|€'),num=n=>String(n).replace(/\d/g,c=>t.dataset.digits[c]);
const run=()=>{let n=0,bad='';for(const c of t.value){if(g.has(c))n++;else if(x.has(c))n+=2;else{bad=c;break}}
const u=bad!='';if(u)n=t.value.length;
const k=n<=(u?70:160)?1:Math.ceil(n/(u?67:153));
o.textContent=(u?o.dataset.ucs.replace('{c}',bad):o.dataset.gsm).replace('{n}',num(n)).replace('{k}',num(k))};
t.addEventListener('input',run);run()}
const p=one('[data-poll]');
if(p){let left=20;const again=()=>setTimeout(async()=>{
if(!d.hidden)try{const r=await fetch(p.dataset.poll);if(r.ok&&(await r.text())!=p.dataset.now)return location.reload()}catch{}
if(--left)again()},3e3);again()}
})();
